# `make package`: a Debian package of the server, the page beside it, a systemd unit and a configuration.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)  # the package needs none of the tools and benches

install(TARGETS webrtc-chat RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/client DESTINATION share/webrtc-chat)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/webrtc-chat.service DESTINATION lib/systemd/system)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/webrtc-chat.conf DESTINATION /etc/webrtc-chat
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)  # passwords may stand in it
# Certificate and key, handed on by the unit.
install(DIRECTORY DESTINATION /etc/webrtc-chat/tls DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_PACKAGE_NAME webrtc-chat)
set(CPACK_PACKAGE_CONTACT "WebRTC Chat maintainers <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Video meetings in the browser, from one server")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_STRIP_FILES TRUE)
set(CPACK_SET_DESTDIR ON)  # for /etc, which lies outside of /usr
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS postgresql-client)  # `webrtc-chat backup` of PostgreSQL
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/conffiles)
include(CPack)
