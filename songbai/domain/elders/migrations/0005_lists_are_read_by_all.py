from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0004_turns'),
    ]

    operations = [
        migrations.RunSQL(
            """
            DROP POLICY IF EXISTS seen ON elders_closedlist;
            DROP POLICY IF EXISTS changed ON elders_closedlist;
            DROP POLICY IF EXISTS added ON elders_closedlist;
            ALTER TABLE elders_closedlist DISABLE ROW LEVEL SECURITY;
            """,
            migrations.RunSQL.noop,
        ),
    ]
