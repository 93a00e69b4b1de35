"""What an elder is owed. So far one benefit: the monthly credit for government-purchased home
service (政府购买居家服务), which orders spend first and which lapses at month end. Rows M05, M06.

The rule is data in ``policies/``; whatever is not checked against an official text says so.
"""
