// Carries test_pch.hpp.
