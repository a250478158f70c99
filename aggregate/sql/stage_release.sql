INSERT INTO staging.releases
    (release, school_year, cadence, window, first_day, last_day, hash, policy_hash, registry_hash, epsilon, delta,
     incomplete, cells, estimates, ledger_sequence, ledger_head, spent_nano, limit_nano)
