SELECT e.area, e.release, r.window, r.first_day, r.incomplete,
       e.measure, e.value, e.variance, e.parts, e.parts_of, e.enrolment
FROM published.estimates AS e
INNER JOIN published.releases AS r ON r.release = e.release
WHERE e.area IN ({area:String}, {other1:String}, {other2:String})
  AND e.level = {level:String} AND e.subject = {subject:String} AND e.tool = ''
  AND e.measure IN ('active', 'successes', 'failures')
  AND r.school_year = {year:String} AND r.cadence = 'week'
ORDER BY e.area, r.first_day, e.measure
