// The list: choosing several, and moving through it by keyboard.
function update() {
  const form = document.getElementById('names');
  if (!form) return;
  const boxes = [...form.querySelectorAll('input[name="names"]:not(:disabled)')];
  const chosen = boxes.filter((box) => box.checked).length;
  document.getElementById('chosen').textContent = chosen ? `${chosen} chosen` : '';
  document.getElementById('approve').disabled = !chosen;
  const all = document.getElementById('all');
  all.disabled = !boxes.length;
  all.checked = boxes.length > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

document.addEventListener('change', (event) => {
  if (event.target.id === 'all') {
    for (const box of document.querySelectorAll('#names input[name="names"]:not(:disabled)')) {
      box.checked = event.target.checked;
    }
  }
  update();
});
document.addEventListener('htmx:afterSwap', update);

// j and k go to the next and previous row, p plays it, x chooses it.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches('input:not([type="checkbox"]), select, textarea')) return;
  const rows = [...document.querySelectorAll('.row')];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === 'j' || event.key === 'k') {
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + (event.key === 'j' ? 1 : -1)))];
    next?.querySelector('a')?.focus();
  } else if (event.key === 'p' && here >= 0) {
    rows[here].querySelector('button.play')?.click();
  } else if (event.key === 'x' && here >= 0) {
    rows[here].querySelector('input:not(:disabled)')?.click();
  }
});
update();
