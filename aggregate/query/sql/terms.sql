SELECT dimension, code, french, english FROM published.terms ORDER BY dimension, position
