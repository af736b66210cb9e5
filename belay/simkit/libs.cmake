# The simulated disk is offered to SQLite as a VFS.
target_link_libraries(${target} ${scope} SQLite::SQLite3)
