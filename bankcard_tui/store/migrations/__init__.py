"""Alembic's migrations: each builds the schema by itself and imports no models."""
