#!/bin/sh
# convert.sh FOLDER writes the public CRM data in a folder (sales_pipeline.csv and the tables
# beside it) as records of this policy into the folder where it is called: Region.csv, Rep.csv,
# Sector.csv, Account.csv, Product.csv, Opportunity.csv. A deal comes once when it was engaged and
# once when it closed. One product is written in two ways: the one is a name for the other.
set -e
day=2016-10-01 # before the first deal; what has no day of its own counts from then

awk -F, -v day=$day 'NR == 1 { print "id,at,name"; next }
  !seen[$3]++ { print $3 "," day "," $3 }' "$1/sales_teams.csv" >Region.csv
awk -F, -v day=$day 'NR == 1 { print "id,at,name,region,manager"; next }
  !seen[$2]++ { print $2 "," day "," $2 "," $3 "," }
  { print $1 "," day "," $1 "," $3 "," $2 }' "$1/sales_teams.csv" >Rep.csv
awk -F, -v day=$day 'NR == 1 { print "id,at,name"; next }
  !seen[$2]++ { print $2 "," day "," $2 }' "$1/accounts.csv" >Sector.csv
awk -F, -v day=$day 'NR == 1 { print "id,at,name,sector,employees"; next }
  { print $1 "," day "," $1 "," $2 "," $5 }' "$1/accounts.csv" >Account.csv
awk -F, -v day=$day 'NR == 1 { print "id,at,name,series,price,same_as"; next }
  { print $1 "," day "," $1 "," $2 "," $3 "," }
  END { print "GTXPro," day ",GTXPro,,,GTX Pro" }' "$1/products.csv" >Product.csv
awk -F, -v day=$day '
  NR == 1 { print "id,at,name,owner,account,sold,state,engaged,closed,value"; next }
  { state = $6 == "" ? "prospecting" : "engaging"
    print $1 "," ($6 == "" ? day : $6) "," $1 "," $2 "," $4 "," $3 "," state "," $6 ",," }
  $7 != "" { print $1 "," $7 ",,,,," tolower($5) ",," $7 "," $8 }
' "$1/sales_pipeline.csv" >Opportunity.csv
