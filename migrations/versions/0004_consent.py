"""Consent, clips that are encrypted, and erasures whose traces are still to be removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("introduction_id", sa.String(length=40), nullable=True),
        sa.Column("given_by", sa.String(length=500), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"],
            name=op.f("fk_consents_person_id_people"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introductions.id"],
            name=op.f("fk_consents_introduction_id_introductions"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents") as batch:
        batch.create_index(batch.f("ix_consents_person_id"), ["person_id"])
        batch.create_index(batch.f("ix_consents_introduction_id"), ["introduction_id"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    with op.batch_alter_table("erasures") as batch:
        batch.create_index(batch.f("ix_erasures_erased_at"), ["erased_at"])
    with op.batch_alter_table("clips") as batch:
        batch.add_column(sa.Column("sealed", sa.String(length=100), nullable=True))
        batch.create_index(batch.f("ix_clips_sealed"), ["sealed"])


def downgrade() -> None:
    with op.batch_alter_table("clips") as batch:
        batch.drop_index(batch.f("ix_clips_sealed"))
        batch.drop_column("sealed")
    op.drop_table("erasures")
    op.drop_table("consents")
