"""A small store of files that people hand in as proof: checked, encrypted, seen only in scope.

Content lies encrypted in the database, so it is in the same backup, under the same row security and
the same key rotation as the record it proves. Pictures and PDF only, a few megabytes each. Row M37.
"""
