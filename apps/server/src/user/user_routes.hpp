// /api/users/…
#pragma once

#include "auth/auth_routes.hpp"
#include "http/routes.hpp"
#include "user/user_service.hpp"

namespace server::user {

// The service outlives the routes.
http::Routes user_routes(UserService& users, auth::CookieRules cookies);

}  // namespace server::user
