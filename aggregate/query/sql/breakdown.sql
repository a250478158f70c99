SELECT if({dimension:String} = 'level', e.level, e.subject) AS code, e.measure, e.value, e.variance, e.enrolment
FROM published.estimates AS e
WHERE e.release = {release:String} AND e.area = {area:String}
  AND (e.level != '') = ({dimension:String} = 'level')
  AND (e.subject != '') = ({dimension:String} = 'subject')
  AND e.tool = ''
ORDER BY code, e.measure
