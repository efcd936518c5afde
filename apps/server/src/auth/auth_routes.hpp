// /api/auth/…, and the cookies that carry a login.
#pragma once

#include "auth/auth_service.hpp"
#include "http/rate_limiter.hpp"
#include "http/routes.hpp"

namespace server::auth {

struct CookieRules {
  bool secure = false;  // PUBLIC_URL is https
};

// Both Set-Cookie lines of a login, and the two that clear them.
void set_login_cookies(http::Response& response, const TokenPair& tokens, CookieRules rules);
void clear_login_cookies(http::Response& response, CookieRules rules);

// The service and the limiter outlive the routes.
http::Routes auth_routes(AuthService& auth, http::RateLimiter& limiter, CookieRules cookies);

}  // namespace server::auth
