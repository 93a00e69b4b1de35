"""The machine's door: departments push deliveries here, signed. Rows M01, M37.

OpenAPI at ``/api/openapi.json`` for officers who are logged in; how to sign is in
``docs/connect-a-department.md``.
"""
