SELECT e.release, r.window, r.first_day, r.incomplete,
       e.measure, e.value, e.variance, e.parts, e.parts_of, e.enrolment
FROM published.estimates AS e
INNER JOIN published.releases AS r ON r.release = e.release
WHERE e.area = {area:String}
  AND e.level = '' AND e.subject = '' AND e.tool = ''
  AND e.measure IN ('active', 'successes', 'failures')
  AND r.school_year = {year:String} AND r.cadence = 'week'
ORDER BY r.first_day DESC, e.measure
LIMIT 2 BY e.measure
