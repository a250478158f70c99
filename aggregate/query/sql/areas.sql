-- A school's code brings the schools of its department, as the department's does.
SELECT code, kind, name, academy, department, zone, sector, enrolment
FROM published.areas
WHERE kind != 'school'
   OR department = {code:String}
   OR department IN (SELECT department FROM published.areas WHERE kind = 'school' AND code = {code:String})
ORDER BY indexOf(['nation', 'academy', 'department', 'other', 'school'], kind), name, code
