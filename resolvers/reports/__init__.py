"""Reports: tables of figures by platform, group and bucket, with a row of totals."""
