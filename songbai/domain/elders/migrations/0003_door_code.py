from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import songbai.domain.elders.rules.door

#: Every door gets a new code; two that were drawn alike are drawn again.
DRAW = """
CREATE FUNCTION elders_draw() RETURNS varchar(8) LANGUAGE plpgsql AS $$
DECLARE code varchar(8) := '';
BEGIN
  FOR n IN 1..8 LOOP
    code := code || substr('34679ACEFGHJKMNPRTWXY', 1 + floor(random() * 21)::int, 1);
  END LOOP;
  RETURN code;
END $$;
ALTER TABLE elders_elder DROP CONSTRAINT IF EXISTS elders_elder_door_code_key;
ALTER TABLE elders_elder ALTER COLUMN door_code TYPE varchar(8) USING elders_draw();
DO $$ BEGIN
  WHILE EXISTS (SELECT FROM elders_elder GROUP BY door_code HAVING count(*) > 1) LOOP
    UPDATE elders_elder SET door_code = elders_draw() WHERE door_code IN
      (SELECT door_code FROM elders_elder GROUP BY door_code HAVING count(*) > 1);
  END LOOP;
END $$;
ALTER TABLE elders_elder ADD CONSTRAINT elders_elder_door_code_key UNIQUE (door_code);
CREATE INDEX elders_elder_door_code_like ON elders_elder (door_code varchar_pattern_ops);
DROP FUNCTION elders_draw;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("elders", "0002_merged_index")]
    operations: ClassVar[list[Operation]] = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DRAW, elidable=False)],
            state_operations=[
                migrations.AlterField(
                    model_name="elder",
                    name="door_code",
                    field=models.CharField(
                        default=songbai.domain.elders.rules.door.draw, max_length=8, unique=True
                    ),
                )
            ],
        )
    ]
