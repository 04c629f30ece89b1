using Tributary.Contract.Emulators;
using Tributary.Integrations.Discourse;

namespace Tributary.Contract.Discourse;

public class DiscourseConformance : VendorConformance<DiscourseIntegration, DiscourseEmulator>;
