"""What field events say, subject by subject; `betang.core.event.kinds` knows them all."""
