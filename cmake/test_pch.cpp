// The object that carries a precompiled header of tests.
