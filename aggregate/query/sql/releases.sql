SELECT release, school_year, cadence, window, first_day, last_day, hash, policy_hash,
       epsilon, delta, incomplete, cells, ledger_sequence, ledger_head, spent_nano, limit_nano
FROM published.releases
WHERE {year:String} = '' OR school_year = {year:String}
ORDER BY first_day DESC, cadence, release
