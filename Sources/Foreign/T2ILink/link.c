/* This target is empty on purpose. It alone carries the linker flags of libt2i.so, because a Swift package hands
 * the linker flags of a target to everything that depends on it, the test bundles included. */
typedef int t2i_link_only;
