// /api/users/me/sessions: where the own account is logged in, and how to log out there.
#pragma once

#include "auth/auth_routes.hpp"

namespace server::auth {

// The service outlives the routes.
http::Routes session_routes(AuthService& auth, CookieRules cookies);

}  // namespace server::auth
