//! Bytes of a policy file to a policy, or every fault in it.
