"""The decision aid on real credit data: quality beside published models, few outcomes, intervals, speed."""
