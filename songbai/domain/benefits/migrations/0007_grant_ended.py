from django.db import migrations, models

#: What was taken back before there was a place for it stands in the ledger.
TAKEN_BACK = """
UPDATE benefits_creditgrant g SET ended = t.fen FROM (
  SELECT subject_id, sum(CASE kind WHEN 'ended' THEN amount ELSE -amount END) AS fen
  FROM ledger_transfer WHERE subject_kind = 'grant' AND kind IN ('ended', 'given_again')
  GROUP BY subject_id
) t WHERE t.subject_id = g.id AND t.fen > 0 AND g.lapsed_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("benefits", "0006_told_beside"),
        ("elders", "0006_end_current"),
        ("ledger", "0001_initial"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.AddField("creditgrant", "ended", models.BigIntegerField(db_default=0, default=0)),
        migrations.RunSQL(TAKEN_BACK, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "creditgrant",
            models.CheckConstraint(
                condition=models.Q(("ended__gte", 0)), name="ended_not_negative"
            ),
        ),
    ]
