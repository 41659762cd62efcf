#!/bin/sh
# convert.sh FOLDER writes the public orders in a folder (rfm_data_orders.csv) as records of this
# policy into the folder where it is called: Customer.csv and Order.csv. Customers are known from
# their first order on.
set -e
awk -F, 'NR == 1 { print "id,at,customer,amount"; next }
  { print NR - 1 "," $2 "," $1 "," $3 }' "$1/rfm_data_orders.csv" >Order.csv
{ echo id,at,name
  tail -n +2 "$1/rfm_data_orders.csv" | sort -t , -k 2,2 -s |
    awk -F, '!seen[$1]++ { print $1 "," $2 "," $1 }'; } >Customer.csv
