"""One person once: whose record a row speaks of, and which records are one person. Row M01.

By identity number first, then by a score over name, birth date, sex, division, phone and address.
What is certain is joined, what is doubtful is decided by a clerk, everything else is somebody new.
A merge links two records and rewrites neither, so it can always be undone.

Legal basis: 个人信息保护法 art. 8 (personal information shall be accurate and complete) and art. 46
(correction); GB 11643-1999 公民身份号码.
"""
