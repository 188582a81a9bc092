#if canImport(Darwin)
    // It declares `mach_task_self_` as a variable, which it never changes.
    @preconcurrency import Darwin
    import Foundation
    import FrostglassBindings

    /// What Apple's systems tell every process of itself. What a device does not tell is left out.
    final class AppleMeters: Meters {
        func read() -> MeterReading {
            MeterReading(memoryBytes: footprint, energyJoules: joules, thermal: thermal)
        }

        func sources() -> MeterSources {
            MeterSources(
                memory: "physical footprint of the process, task_info",
                energy: "the process's own, task_info",
                thermal: "ProcessInfo.thermalState")
        }

        /// Bytes by which the system ends processes that take too much.
        private var footprint: UInt64? {
            var found = task_vm_info_data_t()
            return ask(TASK_VM_INFO, &found) ? found.phys_footprint : nil
        }

        /// Joules since the process began.
        private var joules: Double? {
            #if arch(arm64)
                var found = task_power_info_v2_data_t()
                guard ask(TASK_POWER_INFO_V2, &found), found.task_energy > 0 else { return nil }
                // The system counts nanojoules.
                return Double(found.task_energy) * 1e-9
            #else
                return nil
            #endif
        }

        private var thermal: String {
            switch ProcessInfo.processInfo.thermalState {
            case .nominal: "nominal"
            case .fair: "fair"
            case .serious: "serious"
            case .critical: "critical"
            @unknown default: "unknown"
            }
        }

        private func ask<Info>(_ flavour: Int32, _ info: inout Info) -> Bool {
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
