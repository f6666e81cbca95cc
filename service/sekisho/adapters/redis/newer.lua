-- Writes lines whole, unless a newer revision is there. ARGV: per key its revision and its value.
for i, key in ipairs(KEYS) do
  local revision, value = tonumber(ARGV[2 * i - 1]), ARGV[2 * i]
  local kept = redis.call('GET', key)
  if not kept or struct.unpack('<I8', kept) <= revision then
    redis.call('SET', key, value)
  end
end
return #KEYS
