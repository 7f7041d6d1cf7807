"""Introductions that are heard later, and where their end is reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table('jobs',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('space', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=100), nullable=False),
    sa.Column('state', sa.String(length=100), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('request', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('audio', sa.LargeBinary(), nullable=True),
    sa.Column('person_id', sa.String(length=40), nullable=True),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('introduction_id', sa.String(length=40), nullable=True),
    sa.Column('result', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('problem', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('webhook', sa.Text(), nullable=True),
    sa.Column('webhook_state', sa.String(length=100), nullable=True),
    sa.Column('webhook_tries', sa.Integer(), nullable=False),
    sa.Column('webhook_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['introduction_id'], ['introductions.id'], name=op.f('fk_jobs_introduction_id_introductions'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_jobs_person_id_people'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_jobs_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_space_jobs_state'), ['space', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_state_jobs_priority_jobs_created_at'), ['state', 'priority', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_webhook_state_jobs_webhook_at'), ['webhook_state', 'webhook_at'], unique=False)


def downgrade() -> None:
    op.drop_table('jobs')
