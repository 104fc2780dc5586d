package dev.jangada.cuda;

import dev.jangada.backend.Availability;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test class where there is no device, not even a simulated one, with the provider's reason. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCuda.Condition.class)
@interface NeedsCuda {
    /** What asks the provider. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext test) {
            Availability a = new CudaProvider().availability();
            return a.available()
                    ? ConditionEvaluationResult.enabled(a.reason())
                    : ConditionEvaluationResult.disabled(a.reason());
        }
    }
}
