INSERT INTO staging.areas (code, kind, name, academy, department, zone, sector, enrolment, ips)
