"""Care plans: what an elder needs again and again, agreed on and turned into orders. Row M13.

A concluded assessment suggests services (``assessments.rules.needs``); they become a draft. The
family or the desk changes it and agrees; an agreed plan is ordered for a week at a time, every
visit once.
"""
