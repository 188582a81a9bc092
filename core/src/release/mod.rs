//! What leaves the device, and the receipt that stays.
