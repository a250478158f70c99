INSERT INTO staging.terms (dimension, position, code, french, english)
