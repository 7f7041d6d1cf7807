"""People, names with their history, introductions with clips, idempotency keys.

Revision ID: 0001
Revises: 
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('people',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('space', sa.String(length=100), nullable=False),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('display_name', sa.String(length=500), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('space', 'external_id', name=op.f('uq_people_space_external_id'))
    )
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_people_space_people_created_at_people_id'), ['space', 'created_at', 'id'], unique=False)

    op.create_table('names',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('person_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=100), nullable=False),
    sa.Column('spelling', sa.String(length=500), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=100), nullable=True),
    sa.Column('ipa', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=100), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('introduction_id', sa.String(length=40), nullable=True),
    sa.Column('suggestion', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_names_person_id_people'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_names'))
    )
    with op.batch_alter_table('names', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_names_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_names_status'), ['status'], unique=False)

    op.create_table('introductions',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('space', sa.String(length=100), nullable=False),
    sa.Column('person_id', sa.String(length=40), nullable=False),
    sa.Column('name_id', sa.String(length=40), nullable=False),
    sa.Column('hearing', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=100), nullable=False),
    sa.Column('target', sa.String(length=100), nullable=True),
    sa.Column('voice', sa.String(length=500), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['name_id'], ['names.id'], name=op.f('fk_introductions_name_id_names'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_introductions_person_id_people'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introductions'))
    )
    with op.batch_alter_table('introductions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introductions_name_id'), ['name_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_introductions_person_id'), ['person_id'], unique=False)

    op.create_table('name_versions',
    sa.Column('name_id', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=100), nullable=False),
    sa.Column('spelling', sa.String(length=500), nullable=False),
    sa.Column('language', sa.String(length=100), nullable=True),
    sa.Column('ipa', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=100), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('introduction_id', sa.String(length=40), nullable=True),
    sa.Column('suggestion', sa.Text(), nullable=True),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['name_id'], ['names.id'], name=op.f('fk_name_versions_name_id_names'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('name_id', 'version', name=op.f('pk_name_versions'))
    )
    op.create_table('clips',
    sa.Column('introduction_id', sa.String(length=40), nullable=False),
    sa.Column('audio', sa.LargeBinary(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['introduction_id'], ['introductions.id'], name=op.f('fk_clips_introduction_id_introductions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('introduction_id', name=op.f('pk_clips'))
    )
    with op.batch_alter_table('clips', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clips_expires_at'), ['expires_at'], unique=False)

    op.create_table('idempotency_keys',
    sa.Column('space', sa.String(length=100), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=100), nullable=False),
    sa.Column('status', sa.String(length=100), nullable=False),
    sa.Column('token', sa.String(length=40), nullable=False),
    sa.Column('person_id', sa.String(length=40), nullable=True),
    sa.Column('introduction_id', sa.String(length=40), nullable=True),
    sa.Column('problem', sa.JSON(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introductions.id'], name=op.f('fk_idempotency_keys_introduction_id_introductions'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_idempotency_keys_person_id_people'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('space', 'key', name=op.f('pk_idempotency_keys'))
    )
    with op.batch_alter_table('idempotency_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_keys_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_idempotency_keys_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_idempotency_keys_person_id'), ['person_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('idempotency_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_keys_person_id'))
        batch_op.drop_index(batch_op.f('ix_idempotency_keys_introduction_id'))
        batch_op.drop_index(batch_op.f('ix_idempotency_keys_created_at'))

    op.drop_table('idempotency_keys')
    with op.batch_alter_table('clips', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clips_expires_at'))

    op.drop_table('clips')
    op.drop_table('name_versions')
    with op.batch_alter_table('introductions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_introductions_person_id'))
        batch_op.drop_index(batch_op.f('ix_introductions_name_id'))

    op.drop_table('introductions')
    with op.batch_alter_table('names', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_names_status'))
        batch_op.drop_index(batch_op.f('ix_names_person_id'))

    op.drop_table('names')
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_people_space_people_created_at_people_id'))

    op.drop_table('people')
