SELECT zone, first_day FROM published.calendar WHERE school_year = {year:String} ORDER BY zone, first_day
