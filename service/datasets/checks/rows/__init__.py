"""What is seen of a single row. Pure, apart from the libraries that know forms and languages."""
