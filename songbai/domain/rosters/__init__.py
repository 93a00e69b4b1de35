"""Village registers: the lists villages keep themselves, uploaded, looked over, then written.

Rows M01 and M37. A clerk of a village or town uploads a workbook, says which of its columns is
what, sees what would change before anything does, and confirms. Writing is a delivery of the feed
``village_register``; this room keeps the file between upload and confirmation, remembers the
columns of each village, and keeps what villages note beside the facts (household, carer, contact).
Legal basis: 民政部 基本养老服务 老年人信息采集 (未核实).
"""
