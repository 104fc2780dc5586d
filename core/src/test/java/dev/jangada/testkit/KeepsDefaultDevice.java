package dev.jangada.testkit;

import dev.jangada.Device;
import dev.jangada.backend.Backends;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Goes back to the former default device after each test of a class whose tests change it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(KeepsDefaultDevice.Extension.class)
public @interface KeepsDefaultDevice {
    /** What does it. */
    final class Extension implements BeforeEachCallback, AfterEachCallback {
        private static final Namespace HERE = Namespace.create(Extension.class);

        @Override
        public void beforeEach(ExtensionContext test) {
            test.getStore(HERE).put(Device.class, Backends.defaultDevice());
        }

        @Override
        public void afterEach(ExtensionContext test) {
            Backends.setDefaultDevice(test.getStore(HERE).get(Device.class, Device.class));
        }
    }
}
