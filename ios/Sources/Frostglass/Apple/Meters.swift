#if canImport(Darwin)
    import Darwin
    import Foundation

    /// What this process takes of the device, as the system counts it.
    public enum Meters {
        /// Bytes of memory that the system holds against this process, by which it ends processes that
        /// take too much; nil where the system does not say.
        public static var footprint: UInt64? {
            var found = task_vm_info_data_t()
            return read(&found, TASK_VM_INFO) ? found.phys_footprint : nil
        }

        /// Nanoseconds that this process's processors were at work, in threads that live and in those
        /// that have ended.
        public static var processorTime: UInt64? {
            let nanoseconds = clock_gettime_nsec_np(CLOCK_PROCESS_CPUTIME_ID)
            return nanoseconds == 0 ? nil : nanoseconds
        }

        /// How hot the device is. Above `.fair` the system slows processors down, and what a run takes
        /// says little of other runs.
        public static var thermalState: ProcessInfo.ThermalState {
            ProcessInfo.processInfo.thermalState
        }

        private static func read<Info>(_ info: inout Info, _ flavour: Int32) -> Bool {
            let words = MemoryLayout<Info>.size / MemoryLayout<natural_t>.size
            var count = mach_msg_type_number_t(words)
            let status = withUnsafeMutablePointer(to: &info) { info in
                info.withMemoryRebound(to: integer_t.self, capacity: words) {
                    task_info(mach_task_self_, task_flavor_t(flavour), $0, &count)
                }
            }
            return status == KERN_SUCCESS
        }
    }
#endif
