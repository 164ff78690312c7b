#!/usr/bin/env python3
"""Press accounts in a table, name;account;desk;from;until, as rules for those that are active today:
    python3 accounts.py press.csv | traptor rules json - --type follow"""
import csv, datetime, json, sys

today = datetime.date.today().isoformat()

for row in csv.DictReader(open(sys.argv[1], encoding="utf-8", newline=""), delimiter=";"):
    if row["from"] <= today and (row["until"] or today) >= today:
        print(json.dumps({
            "value": row["account"],    # what to collect: the account's number or name
            "tag": row["desk"],         # your word for it
            "outlet": row["name"],      # anything more travels with every tweet
        }))
