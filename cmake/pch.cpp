// The object that carries a precompiled header.
