from django.db import migrations

NAME = "search_title_and_body"


def make_index(apps, schema_editor):
    """A query asks for its words in title and body together: an index over each alone answers no such question."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {NAME} ON wagtailsearch_indexentry USING gin ((title || body))")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    # SQLite searches by FTS5, which is an index over all columns already.

    dependencies = [("wagtailsearch", "0010_add_text_fields")]

    operations = [migrations.RunPython(make_index, drop_index)]
