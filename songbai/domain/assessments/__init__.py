"""Assessment: what an elder can still do, found out once, computed alike for everybody. Row M02.

Instruments are data (``catalogues/instruments``): GB/T 42195-2022 for ability levels 0 to 4,
医保办发〔2021〕37号 for long-term care insurance grades 0 to 5 (and the gate of row M08), MZ/T
039-2013 for old records. The two scales are never mixed. The process goes from request to final
result with two assessors, review by a second body, notice and appeal; concluding writes the fact
others pay on.
"""
