package dev.jangada.testkit;

import dev.jangada.backend.Availability;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Backends;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test class, with the provider's reason, where a backend is unavailable. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsBackend.Condition.class)
public @interface NeedsBackend {
    /** Returns the name of the backend's provider. */
    String value();

    /** What asks the provider. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext test) {
            String name = test.getRequiredTestClass()
                    .getAnnotation(NeedsBackend.class)
                    .value();
            BackendProvider provider = Backends.providers().stream()
                    .filter(p -> p.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            Availability a = provider.availability();
            return a.available()
                    ? ConditionEvaluationResult.enabled(a.reason())
                    : ConditionEvaluationResult.disabled(a.reason());
        }
    }
}
